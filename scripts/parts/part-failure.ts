/** A part that can't be kept alive, with the last lines of its log. */
export class PartFailure extends Error {
  readonly part: string;
  constructor(part: string, what: string, logFile: string, tail: string) {
    super(`${part} ${what}. Last lines of ${logFile}:\n${tail || '(nothing was written)'}`);
    this.name = 'PartFailure';
    this.part = part;
  }
}
