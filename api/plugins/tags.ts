/** The documentation's chapters, in its order. */
export const tags = [
  { name: 'Orders', description: 'Place, read and change orders.' },
  { name: 'Order commands', description: 'What can be asked of an order. Each is an update of the order\'s workflow, and answered once it is done.' },
  { name: 'Products', description: 'Products, their variants (SKUs) and prices.' },
  { name: 'Customers', description: 'Who orders. Personal data are sealed at rest.' },
  { name: 'Locations', description: 'Where stock lies.' },
  { name: 'Stock', description: 'How much there is of what, where; and why it changed.' },
  { name: 'Connections', description: 'Accounts at payment providers.' },
  { name: 'Webhook events', description: 'What payment providers told us, and what became of it.' },
  { name: 'Ledger', description: 'Every movement of money, in double entry.' },
  { name: 'Mails', description: 'What was sent about what, and whether it went out.' },
  { name: 'API keys', description: 'Who may call, and what they may do.' },
  { name: 'Operators', description: 'Health, sign-in and the codec for the Temporal UI.' },
];
