/**
 * Small states of a shard that gets slots of several givers:
 *
 *   a source          the lowest watermark that a giver had emitted; event time of its own splits
 *   keyed operator    the lowest watermark; slots of givers that were ahead keep theirs as a floor
 *
 * So nothing becomes late that was not, and what was late stays late.
 */

import { decodeFloors, encodeFloors, type Floors } from '../../operators/keyed/floors.ts'
import type { Json, OperatorId } from '../../record.ts'
import { fieldsOf } from '../../time/watermarkState.ts'
import { slotless } from './slotless.ts'

/** Part of a giver's state that a receiver gets. */
export interface StatePart {
  /** Small states of the giver, by operator. */
  readonly states: ReadonlyMap<OperatorId, Json>
  /** Slots that the receiver gets of it. */
  readonly slots: readonly number[]
}

export interface MergeRules {
  /** Number of slots of the job. */
  readonly of: number
  /** Sources of which each shard reads a part. */
  readonly divided: ReadonlySet<OperatorId>
  /** Sources that each shard reads as a whole. */
  readonly everywhere: ReadonlySet<OperatorId>
  /** Operators with keyed state. */
  readonly keyed: ReadonlySet<OperatorId>
  /** Whether the state of an operator may be dropped, which the job no longer has. */
  readonly mayDrop: (operator: OperatorId) => boolean
}

/**
 * States of a receiver. Throws Fatal STATE_HAS_NO_SLOT for the state of an operator of somebody's
 * own, which cannot be divided.
 *
 * @param main the part whose state counts where each shard has the same
 */
export function mergedStates(
  parts: readonly StatePart[],
  main: StatePart,
  rules: MergeRules,
): ReadonlyMap<OperatorId, Json> {
  const operators = new Set(parts.flatMap(({ states }) => [...states.keys()]))
  const merged = new Map<OperatorId, Json>()
  for (const operator of operators) {
    if (rules.divided.has(operator)) merged.set(operator, sourceState(operator, parts, rules.of))
    else if (rules.keyed.has(operator)) merged.set(operator, keyedStateOf(operator, parts, rules.of))
    else if (!rules.everywhere.has(operator)) dropped(operator, rules)
    else if (main.states.has(operator)) merged.set(operator, main.states.get(operator) as Json)
  }
  return merged
}

function dropped(operator: OperatorId, { mayDrop }: MergeRules): void {
  if (!mayDrop(operator)) throw slotless(operator, 'it belongs to no key')
}

/** -Infinity where a giver has none. */
function lowest(operator: OperatorId, parts: readonly StatePart[], field: string): number {
  const all = parts.map(({ states }) => fieldsOf(states.get(operator))[field])
  return Math.min(...all.map((one) => (typeof one === 'number' ? one : -Infinity)))
}

function sourceState(operator: OperatorId, parts: readonly StatePart[], of: number): Json {
  const emitted = lowest(operator, parts, 'emitted')
  const own = (field: string): Json[] =>
    parts.flatMap(({ states, slots }) => {
      const listed = fieldsOf(states.get(operator))[field]
      return (Array.isArray(listed) ? listed : []).filter(({ partition }) => slots.includes(partition % of))
    })
  const slots = own('slots')
  return {
    ...(Number.isFinite(emitted) ? { emitted } : {}),
    splits: own('splits'),
    ...(slots.length === 0 ? {} : { slots }),
  }
}

function keyedStateOf(operator: OperatorId, parts: readonly StatePart[], of: number): Json {
  const watermark = lowest(operator, parts, 'watermark')
  const floors: Floors = new Map()
  for (const { states, slots } of parts) {
    const state = states.get(operator)
    const { watermark: reached } = fieldsOf(state)
    const before = decodeFloors(state, operator)
    for (const slot of slots) {
      const floor = Math.max(typeof reached === 'number' ? reached : -Infinity, before?.floors.get(slot) ?? -Infinity)
      if (floor > watermark) floors.set(slot, floor)
    }
  }
  return { watermark: Number.isFinite(watermark) ? watermark : null, ...encodeFloors(floors, of) }
}
