/** Lets the faults happen one after the other, and measures what each has cost. */
import { toError } from '../../src/errors.ts'
import type { MachineFault } from './faults.ts'
import { handOvers, longestSilence } from './handOvers.ts'
import type { Site } from './site.ts'
import type { Struck } from './table.ts'

/** Limit until every shard commits again, and until every process runs shards again, ms. */
const patience = 120_000

export interface Played {
  readonly rows: readonly Struck[]
  /** Pause of each hand-over, those between two faults included, ms. */
  readonly pauses: readonly number[]
}

/** @param happens gets the name of each fault when it begins */
export async function play(
  site: Site,
  faults: readonly MachineFault[],
  happens: (name: string) => void,
): Promise<Played> {
  const begun = Date.now()
  const rows: Struck[] = []
  for (let round = 0; round < site.settings.rounds; round++) {
    for (const fault of faults) {
      happens(fault.name)
      rows.push(await strike(site, fault))
      if (rows.at(-1)?.recovered === null) return { rows: merged(rows), pauses: pausesOf(site, begun, Date.now()) }
    }
  }
  return { rows: merged(rows), pauses: pausesOf(site, begun, Date.now()) }
}

async function strike(site: Site, fault: MachineFault): Promise<Struck> {
  const from = Date.now()
  const wrong = await fault.strike(site).then(() => null, toError)
  const committed = wrong === null ? await site.committed(Date.now(), patience) : null
  const recovered = committed === null ? null : committed - from
  await fault.heal?.(site)
  const whole = await site.whole(patience)
  const to = Date.now()
  if (wrong !== null) console.log(`  FAILED: ${wrong.message}`)
  if (!whole || recovered === null)
    console.log(`  FAILED: not all shards commit, or some process has none\n${said(site)}`)
  return {
    fault: fault.name,
    pauses: pausesOf(site, from, to),
    silence: longestSilence(site.tail.commits, from, to),
    recovered: whole ? recovered : null,
  }
}

function pausesOf({ tail }: Site, from: number, to: number): readonly number[] {
  const its = handOvers(tail.commits).filter(({ arrived }) => arrived >= from && arrived <= to)
  return its.map(({ left, arrived }) => arrived - left)
}

function said({ workers }: Site): string {
  return workers.map((worker) => `${worker.name} ${worker.state}:\n${worker.said()}`).join('\n')
}

/** One row per fault over all rounds. */
function merged(rows: readonly Struck[]): readonly Struck[] {
  const names = [...new Set(rows.map(({ fault }) => fault))]
  return names.map((fault) => {
    const its = rows.filter((row) => row.fault === fault)
    const worst = (values: readonly (number | null)[]) =>
      values.some((one) => one === null) ? null : Math.max(...(values as readonly number[]))
    return {
      fault,
      pauses: its.flatMap(({ pauses }) => pauses),
      silence: worst(its.map(({ silence }) => silence)),
      recovered: worst(its.map(({ recovered }) => recovered)),
    }
  })
}
