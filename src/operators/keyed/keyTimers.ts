/** Timers of the key being processed. */
import { FatalError } from '../../errors.ts'
import type { Key, OperatorId, StreamRecord } from '../../record.ts'
import type { Timers } from '../../state/timers.ts'
import { whereOf } from '../engine/failedIn.ts'
import type { KeyTimers } from './processContext.ts'

export interface KeyTimersParts<K extends Key> {
  readonly id: OperatorId
  readonly timers: Timers<K>
  readonly key: () => K
  /** undefined: a timer is being processed. */
  readonly record: () => StreamRecord<unknown> | undefined
  /** The function that they ring in, and whether there is one. */
  readonly handler: 'onEventTimer' | 'onProcessingTimer'
  readonly spec: { readonly [N in 'onEventTimer' | 'onProcessingTimer']?: unknown }
}

export function keyTimers<K extends Key>({ id, timers, key, record, handler, spec }: KeyTimersParts<K>): KeyTimers {
  return {
    set(time) {
      if (spec[handler] === undefined) throw noHandler(id, handler)
      if (!Number.isFinite(time)) throw badTimer(id, time, record())
      timers.set(time, key())
    },
    delete: (time) => timers.delete(time, key()),
  }
}

function noHandler(operator: OperatorId, handler: string): FatalError {
  return new FatalError('NO_TIMER_HANDLER', `a timer was set, but the operator has no function to call when it fires`, {
    where: { operator },
    hint: `Give the operator a function ${handler}(time, context)`,
  })
}

function badTimer(operator: OperatorId, time: unknown, record: StreamRecord<unknown> | undefined): FatalError {
  return new FatalError('BAD_TIMER', `a timer was set for ${typeof time === 'number' ? time : typeof time}`, {
    where: record === undefined ? { operator } : whereOf(operator, record),
    badRecord: record !== undefined,
    hint: 'Set timers in ms since the epoch, as a finite number',
  })
}
