/**
 * A SKU as a JSON-schema pattern: 1 to 64 printable ASCII characters, no space at either end, so that it
 * survives spreadsheets, barcodes, URLs and a provider's metadata alike.
 */
export const skuPattern = '^[!-~](?:[ -~]{0,62}[!-~])?$';

const expression = new RegExp(skuPattern);

export function isSku(text: string): boolean {
  return expression.test(text);
}
