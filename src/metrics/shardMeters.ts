/** Meters of the parts of a shard, kept over its attempts. */
import { type Dropped, type Meter, type Meters, newMeter } from '../meter.ts'
import type { Add } from './metric.ts'

export interface ShardMeters extends Meters {
  /** A new attempt begins: operators are counted anew, and event time is not known yet. */
  begin(): void
  /** What sources wait for in the sinks, where there are several. */
  readonly sinks: Meter
  /**
   * @param now time of day, ms
   * @param held number of records that each stage holds
   */
  read(add: Add, now: number, held?: ReadonlyMap<Meter, number>): void
}

/** Label of all sinks of a job together. */
const allSinks = 'sinks'

export function shardMeters(): ShardMeters {
  const sources = new Map<string, Meter>()
  const sinks = new Map<string, Meter>()
  const operators = new Map<string, Meter>()
  const drops = new Map<string, Dropped>()
  const named = new Map<string, number>()
  const together = newMeter()

  function numbered(name: string): string {
    const number = (named.get(name) ?? 0) + 1
    named.set(name, number)
    return number === 1 ? name : `${name}-${number}`
  }

  return {
    source: (id) => kept(sources, id, newMeter),
    sink: (id) => kept(sinks, id, newMeter),
    operator: (name) => kept(operators, numbered(name), newMeter),
    dropped: (id) => kept(drops, id, () => ({ late: 0, skipped: 0, deadLetters: 0 })),
    sinks: together,
    begin() {
      named.clear()
      for (const meters of [sources, sinks, operators]) for (const one of meters.values()) one.watermark = -Infinity
    },
    read(add, now, held) {
      for (const [source, meter] of sources) {
        add('source.records', { source }, meter.records)
        add('source.bytes', { source }, meter.bytes)
        add('source.blocked', { source }, meter.blocked / 1e3)
        add('source.watermark', { source }, meter.watermark / 1e3)
        add('source.watermark.delay', { source }, (now - meter.watermark) / 1e3)
      }
      for (const [operator, meter] of operators) {
        add('operator.records', { operator }, meter.records + meter.pending())
        addOperator(add, operator, meter, now, held)
      }
      addOperator(add, allSinks, together, now, held)
      for (const [sink, meter] of sinks) {
        add('sink.records', { sink }, meter.records + meter.pending())
        add('sink.bytes', { sink }, meter.bytes)
        addOperator(add, sink, meter, now, held)
      }
      for (const [operator, { late, skipped, deadLetters }] of drops) {
        add('operator.late', { operator }, late)
        add('operator.skipped', { operator }, skipped)
        add('operator.deadletters', { operator }, deadLetters)
      }
    },
  }
}

function addOperator(
  add: Add,
  operator: string,
  meter: Meter,
  now: number,
  held: ReadonlyMap<Meter, number> = new Map(),
): void {
  const { blocked, watermark } = meter
  const inFlight = held.get(meter)
  if (inFlight !== undefined) add('operator.inflight', { operator }, inFlight)
  if (inFlight !== undefined || blocked > 0) add('operator.blocking', { operator }, blocked / 1e3)
  add('operator.watermark', { operator }, watermark / 1e3)
  add('operator.watermark.delay', { operator }, (now - watermark) / 1e3)
}

function kept<V>(all: Map<string, V>, key: string, make: () => V): V {
  const known = all.get(key)
  if (known !== undefined) return known
  const made = make()
  all.set(key, made)
  return made
}
