// What a recall says of its steps.
export const recall = {
  explain: 'How an agent’s recall goes',
  title: 'How an agent’s recall goes',
  steps: 'Steps',
  names: {
    fingerprint: 'Fingerprint', memory: 'Own memory', heads: 'Heads of peers', fetch: 'Fetch and verify', context: 'Context',
  } as Record<string, string>,
  took: (ms: number) => `${ms} ms`,
  notTaken: 'not taken',
  heldBack: 'An agent is given none of these: they fit too badly.',
  fetched: 'This looked exactly as far as an agent’s recall does: what fits is fetched from peers who share it.',
  early: 'Found by words; meanings are still looked at.',
} as const;
