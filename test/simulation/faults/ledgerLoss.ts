/** Between two owners somebody deletes the ledger topic, or empties it: all of it, or what one shard has there. */
import { ledgerTopic } from '../config.ts'
import type { Director } from '../director.ts'
import type { World } from '../world.ts'

export interface LedgerLoss {
  readonly at: number
  readonly shards: ReadonlySet<number>
}

/** As long as a transaction can stay open, and then some, ms. */
const settling = 20_000

/** Once all have healed. Resolves with null where this is not what happens in the schedule. */
export async function loseLedger(
  world: World,
  { owners, start }: Pick<Director, 'owners' | 'start'>,
): Promise<LedgerLoss | null> {
  const { agenda, brokers, config, decisions, disasters, trace } = world
  if (config.disaster !== 'ledger deleted' && config.disaster !== 'ledger emptied') return null
  for (const { process, kill } of owners) if (process.state !== 'dead') kill()
  const { topology, transactions } = brokers.shared
  const settled = (): boolean => [...transactions.all.values()].every(({ state }) => /^(Empty|Complete)/.test(state))
  // Requests that are late arrive first, too.
  await agenda.runUntil(() => false, agenda.now() + 5_000)
  await agenda.runUntil(settled, agenda.now() + settling)

  const shards = [...new Set(decisions.map(({ shard }) => shard))]
  const others = shards.filter((shard) => shard > 0)
  const one = config.disaster === 'ledger emptied' && others.length > 0 && disasters.chance(0.6)
  const lost = one ? [disasters.pick(others)] : shards
  trace.note(() => `director: ${config.disaster}, shards ${lost.join(', ')}`)
  if (config.disaster === 'ledger deleted') topology.remove(ledgerTopic)
  else for (const shard of lost) topology.find(ledgerTopic, shard)?.log.empty()
  const loss = { at: agenda.now(), shards: new Set(lost) }
  if (disasters.chance(0.5)) start('latest')
  return loss
}
