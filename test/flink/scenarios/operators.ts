/** The operators of scenarios, with what is said least often as a default. */
import type { Assigner, IntervalJoin, Trigger, WindowJoin, WindowOperator } from '../scenario.ts'

export type WindowOptions = Partial<Omit<WindowOperator, 'kind' | 'assigner'>>

export function windowed(assigner: Assigner, options: WindowOptions = {}): WindowOperator {
  const usual = { trigger: { type: 'watermark' }, allowedLateness: 0, function: 'list', lateOutput: true } as const
  return { kind: 'window', assigner, ...usual, ...options }
}

export function tumbling(size: number, options: WindowOptions & { offset?: number } = {}): WindowOperator {
  const { offset = 0, ...others } = options
  return windowed({ type: 'tumbling', size, offset }, others)
}

export function sliding(
  size: number,
  slide: number,
  options: WindowOptions & { offset?: number } = {},
): WindowOperator {
  const { offset = 0, ...others } = options
  return windowed({ type: 'sliding', size, slide, offset }, others)
}

export function session(gap: number, options: WindowOptions = {}): WindowOperator {
  return windowed({ type: 'session', gap }, options)
}

export function global(options: WindowOptions = {}): WindowOperator {
  return windowed({ type: 'global' }, options)
}

export function count(count: number, purge: 'purge' | 'keep'): Trigger {
  return { type: 'count', count, purge: purge === 'purge' }
}

/** Both bounds inclusive. */
export function between(lower: number, upper: number, options: Partial<IntervalJoin> = {}): IntervalJoin {
  const usual = { lowerInclusive: true, upperInclusive: true, lateOutput: true }
  return { kind: 'intervalJoin', lower, upper, ...usual, ...options }
}

export function windowJoin(assigner: Assigner, allowedLateness = 0): WindowJoin {
  return { kind: 'windowJoin', assigner, allowedLateness }
}
