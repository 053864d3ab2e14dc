import type { MailTemplate } from '#domain/mail/templates.ts';

interface Mail {
  subject: string;
  to: { address: string }[];
  text: string;
  headers: Record<string, string>;
}

/** The mail server's web mailbox. It shows duplicates as what they are. */
export class Mailbox {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async to(address: string): Promise<Mail[]> {
    const mails = (await (await fetch(new URL('/email', this.#url))).json()) as Mail[];
    return mails.filter(({ to }) => to.some((recipient) => recipient.address === address));
  }

  /**
   * Which mails came about an order from its own workflow, in the order of its steps. A Message-ID is
   * `<workflow>+<step>+<template>`, and `+<n>` for the n-th further mail of the same step.
   */
  async about(orderId: string): Promise<MailTemplate[]> {
    return (await this.#ofOrders())
      .filter((mail) => mail.orderId === orderId)
      .sort((a, b) => a.step - b.step || a.place - b.place)
      .map(({ template }) => template);
  }

  /** How many copies of each mail came: `order id/step/template` → count. */
  async copies(): Promise<Map<string, number>> {
    const copies = new Map<string, number>();
    for (const { orderId, step, template } of await this.#ofOrders()) {
      const key = `${orderId}/${step}/${template}`;
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
    return copies;
  }

  async #ofOrders(): Promise<{ orderId: string; step: number; template: MailTemplate; place: number }[]> {
    const mails = (await (await fetch(new URL('/email', this.#url))).json()) as Mail[];
    return mails.flatMap(({ headers }) => {
      const [, orderId, step, template, place] = /^<?order\+(\w+)\+(\d+)\+([a-z_]+?)(?:\+(\d+))?@/.exec(headers['message-id'] ?? '') ?? [];
      return orderId ? [{ orderId, step: Number(step), template: template as MailTemplate, place: Number(place ?? 0) }] : [];
    });
  }
}
