/** The chain of decisions of each shard: one history, each entry built on the one before it, and what it names was stored before it was named. */
import type { LedgerEntry } from '../../../src/contracts/ledger.ts'
import type { Decision, World } from '../world.ts'

export function ledgerProblems({ decisions, config }: World): readonly string[] {
  const numbers = new Set(decisions.map(({ shards }) => shards))
  const shards = [...new Set(decisions.map(({ shard }) => shard))]
  return [
    ...(numbers.size > 1 ? [`there are entries of ${[...numbers].join(' and ')} shards`] : []),
    ...shards.flatMap((shard) =>
      chainProblems(
        decisions.filter((one) => one.shard === shard),
        config.lyingDisk,
      ).concat(comebacks(decisions.filter((one) => one.shard === shard))),
    ),
  ]
}

export function chainProblems(decisions: readonly Decision[], lyingDisk: boolean): readonly string[] {
  return decisions.flatMap((decision, at) => {
    const before = decisions[at - 1]
    const honest =
      decision.stored || lyingDisk ? [] : [`checkpoint ${decision.entry.checkpoint} names a snapshot that is not there`]
    return before === undefined ? [...first(decision.entry), ...honest] : [...follows(before, decision), ...honest]
  })
}

function first({ checkpoint }: LedgerEntry): readonly string[] {
  return checkpoint === 0 ? [] : [`the ledger begins with checkpoint ${checkpoint}`]
}

function follows({ entry: before }: Decision, { entry }: Decision): readonly string[] {
  const problems: string[] = []
  const place = `checkpoint ${entry.checkpoint} after ${before.checkpoint}`
  if (entry.lineage !== before.lineage) problems.push(`${place}: another lineage`)
  const takeover = entry.checkpoint === before.checkpoint
  if (!takeover && entry.checkpoint !== before.checkpoint + 1) problems.push(`${place}: out of order`)
  if (!takeover && entry.owner !== before.owner) problems.push(`${place}: decided by one who is not the owner`)
  if (takeover && JSON.stringify(entry.positions) !== JSON.stringify(before.positions))
    problems.push(`${place}: other positions`)
  if ((entry.plan ?? 0) < (before.plan ?? 0)) problems.push(`${place}: plan ${entry.plan} after ${before.plan}`)
  if (entry.plan === before.plan && entry.owner !== before.owner && before.released !== before.plan)
    problems.push(`${place}: two owners under plan ${entry.plan}`)
  if (takeover && entry.snapshot?.key !== before.snapshot?.key) problems.push(`${place}: another snapshot`)
  return problems
}

/** Who has been replaced must not come back. */
function comebacks(decisions: readonly Decision[]): readonly string[] {
  const owners = decisions.map(({ entry }) => entry.owner)
  const changes = owners.filter((owner, at) => owner !== owners[at - 1])
  return changes.flatMap((owner, at) => (changes.indexOf(owner) < at ? [`owner ${owner.slice(0, 8)} came back`] : []))
}
