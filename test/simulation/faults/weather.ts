/** Network, brokers and disk in bad weather: for a while one thing or another goes wrong now and then, or the next request of a kind does. */
import { type Aimed, type FaultRates, noFaults } from '../network/faultRates.ts'
import type { Fate } from '../network/wire.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

export interface Weather {
  readonly rates: FaultRates
  readonly aimed: Aimed
  readonly faults: readonly Fault[]
  /** Does something in a while, unless all is well again by then. */
  soon(delay: number, act: () => void): void
  heal(): void
}

/** Requests by which things are decided, and how often each is chosen. */
const decisive: readonly (readonly [name: string, api: number, weight: number])[] = [
  ['Produce', 0, 3],
  ['InitProducerId', 22, 1],
  ['AddPartitionsToTxn', 24, 1],
  ['EndTxn', 26, 3],
  ['TxnOffsetCommit', 28, 1],
]
const targets = decisive.flatMap(([name, api, weight]) => Array.from({ length: weight }, () => ({ name, api })))

const fates: readonly Fate[] = ['lose request', 'lose answer', 'late', 'late', 'silent', 'replayed', 'frozen']

/**
 * @param kill what may follow when a request has been left in doubt
 * @param start what may follow when its sender is stopped
 */
export function weather(
  { random, agenda, trace, brokers, disk, config }: World,
  kill: () => void,
  start: () => void,
): Weather {
  const { moods } = brokers.shared
  const rates: FaultRates = { ...noFaults }
  const aimed: Aimed = new Map()
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  let healed = false

  const kinds: readonly (readonly [object, string])[] = [
    ...Object.keys(rates).map((kind) => [rates, kind] as const),
    ...['refuse', 'lie', 'slowMarkers'].map((kind) => [moods.rates, kind] as const),
    ...['fail', 'slow'].map((kind) => [disk.rates, kind] as const),
  ]
  if (config.lyingDisk) disk.rates[random.pick(['torn', 'torn', 'lost'] as const)] = 0.3

  function soon(delay: number, act: () => void): void {
    agenda.after(delay, () => healed || act())
  }

  function worsen(): void {
    const [where, kind] = random.pick(kinds) as readonly [Record<string, number>, string]
    where[kind] = random.pick([0.02, 0.1, 0.3])
    note(`${kind}: ${where[kind]}`)
    agenda.after(random.between(50, 1_000), () => {
      where[kind] = 0
    })
  }

  /** The next request of a kind that matters fails in one of the ways that leave its sender in doubt. */
  function aim(): void {
    const { name, api } = random.pick(targets)
    const its = random.pick(fates)
    note(`the next ${name}: ${its}`)
    aimed.set(api, its)
    if (its === 'frozen' && random.chance(0.5)) soon(random.between(10, 300), start)
    else if (random.chance(0.3)) soon(random.between(10, 300), kill)
  }

  return {
    ...{ rates, aimed, soon },
    faults: [
      { weight: 5, act: worsen },
      { weight: 6, act: aim },
    ],
    heal() {
      healed = true
      aimed.clear()
      Object.assign(rates, noFaults)
      Object.assign(moods.rates, { refuse: 0, lie: 0, slowMarkers: 0 })
      Object.assign(disk.rates, { fail: 0, slow: 0, torn: 0, lost: 0 })
      disk.heal()
    },
  }
}
