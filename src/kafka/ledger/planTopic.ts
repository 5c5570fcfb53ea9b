/**
 * Partitions of the plan topic. Records of members have one of their own, so that they never wait
 * for a plan's transaction.
 */
export const planTopic = { plan: 0, members: 1, partitions: 2 } as const
