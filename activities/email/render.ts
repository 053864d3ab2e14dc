import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { mailTemplateNames, type MailTemplate } from '#domain/mail/templates.ts';
import type { MailView } from './view.ts';

/** One mail, ready to be sent. */
export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

const directory = new URL('./templates/', import.meta.url);

/** Templates that only others include. */
const partialNames = ['layout', 'heading', 'button', 'lines', 'address', 'parcel'];

const html = compileAll('html', true);
const text = compileAll('text', false);

/**
 * Renders a mail. The text template's first line is the subject. HTML is escaped, text is not.
 * @throws when a template names what the view lacks (strict mode): a test meets that, not a customer
 */
export function renderMail(template: MailTemplate, view: MailView): RenderedMail {
  const whole = text[template](view);
  const end = whole.indexOf('\n');
  const subject = whole.slice('Subject: '.length, end).trim();
  return {
    subject,
    text: `${whole.slice(end).replace(/\n{3,}/g, '\n\n').trim()}\n`,
    html: html[template]({ ...view, subject }),
  };
}

/** Compiles every template of a kind once, in a Handlebars of its own so that partials of the kinds don't mix. */
function compileAll(kind: 'html' | 'text', escape: boolean): Record<MailTemplate, HandlebarsTemplateDelegate> {
  const handlebars = Handlebars.create();
  const options = { strict: true, noEscape: !escape, knownHelpersOnly: true };
  const suffix = `.${kind}.hbs`;
  const sources = new Map(
    readdirSync(directory)
      .filter((file) => file.endsWith(suffix))
      .map((file) => [file.slice(0, -suffix.length), readFileSync(new URL(file, directory), 'utf8')]),
  );
  for (const name of partialNames) {
    const source = sources.get(name);
    if (source !== undefined) handlebars.registerPartial(name, handlebars.compile(source, options));
  }
  return Object.fromEntries(
    mailTemplateNames.map((name) => {
      const source = sources.get(name);
      if (source === undefined) throw new Error(`The mail template ${name}${suffix} is missing`);
      return [name, handlebars.compile(source, options)];
    }),
  ) as Record<MailTemplate, HandlebarsTemplateDelegate>;
}
