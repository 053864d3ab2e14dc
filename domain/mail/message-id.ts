/**
 * The Message-ID of an outbox row, without angle brackets: the same for every attempt at the same mail, so that
 * a receiver (or a person who investigates) sees two copies as one message. RFC 5322 §3.6.4; `+`, `=`, `-` and `_`
 * are allowed in its left side, and the mapping keeps different keys different.
 * @param dedupeKey `<workflow id>/<seq>/<template>`
 * @param senderDomain domain of the sender's address
 */
export function messageIdOf(dedupeKey: string, senderDomain: string): string {
  const left = [...new TextEncoder().encode(dedupeKey)].map(safeByte).join('');
  return `${left}@${senderDomain.toLowerCase()}`;
}

function safeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9_-]/.test(character)) return character;
  return character === '/' ? '+' : `=${byte.toString(16).padStart(2, '0')}`;
}
