/** Merges the barriers of several inputs: everything that they have gathered, once. */
import { type Barrier, barrier, type OperatorState } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import type { SourcePosition } from '../../record.ts'

/**
 * Merges barriers. If branches of one source meet again, its position and the states from before
 * the fork arrive on each of them and count once.
 *
 * @throws BARRIERS_OUT_OF_STEP if they are of different checkpoints
 * @throws DUPLICATE_ID if two operators have one id
 */
export function mergeBarriers(barriers: readonly Barrier[], name: string): Barrier {
  const checkpoints = new Set(barriers.map(({ checkpoint }) => checkpoint))
  if (checkpoints.size > 1) throw outOfStep([...checkpoints], name)
  const positions = new Map<string, SourcePosition>()
  const states = new Map<string, OperatorState>()
  for (const passing of barriers) {
    for (const position of passing.positions) positions.set(position.source, position)
    for (const state of passing.states) {
      // The same object came by another branch; another object with the same id is another
      // operator's.
      if ((states.get(state.operator) ?? state) !== state) throw duplicate(state.operator)
      states.set(state.operator, state)
    }
  }
  return barrier(barriers[0]?.checkpoint ?? 0, [...positions.values()], [...states.values()])
}

function outOfStep(checkpoints: readonly number[], name: string): FatalError {
  return new FatalError('BARRIERS_OUT_OF_STEP', `${name} received barriers of different checkpoints: ${checkpoints}`, {
    where: { operator: name },
    hint: 'Take every input from a source of the same job, and use no operator that drops or delays barriers',
  })
}

function duplicate(operator: string): FatalError {
  return new FatalError('DUPLICATE_ID', `two operators with state have the id "${operator}"`, {
    where: { operator },
    hint: 'Give one of them another id. If several branches read one operator, put share() behind it',
  })
}
