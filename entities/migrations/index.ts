import { Migration20261121000000 } from './migration-20261121000000.ts';

/** In order of time. Names are what `mikro_orm_migrations` records: never rename one. */
export const migrationsList = [{ name: 'migration-20261121000000', class: Migration20261121000000 }];
