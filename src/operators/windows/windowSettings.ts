/** What `window` is called with. */

import { FatalError } from '../../errors.ts'
import { checkOptionNames } from '../../options.ts'
import { type CountTrigger, onWatermark, type Trigger } from '../../time/triggers.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { SideOutput } from '../sideOutput.ts'

export interface WindowOptions<L> {
  /** When a window gives its result. Default: onWatermark(). */
  readonly trigger?: Trigger | undefined
  /** How long a window is kept after the watermark has reached its last millisecond, for records that come late; ms of event time. Default 0. */
  readonly allowedLateness?: number | undefined
  /** Gets the records that come too late for all of their windows. Default: they are counted, and told as event `late-records`. */
  readonly late?: SideOutput<L> | undefined
}

/** No record is late for the global window. */
export interface GlobalWindowOptions {
  readonly trigger: CountTrigger
}

export interface WindowSettings<L> {
  readonly assigner: WindowAssigner
  readonly trigger: Trigger
  /** ms */
  readonly lateness: number
  readonly late: SideOutput<L> | undefined
}

/** Throws Fatal BAD_OPTION. */
export function windowSettings<L>(assigner: WindowAssigner, options: WindowOptions<L>): WindowSettings<L> {
  checkOptionNames('window', options, { trigger: true, allowedLateness: true, late: true })
  const { trigger = onWatermark(), allowedLateness: lateness = 0, late } = options
  if (!Number.isSafeInteger(lateness) || lateness < 0) {
    throw bad(`allowedLateness is ${lateness}`, 'Give whole ms, 0 or more')
  }
  if (assigner.kind === 'global' && trigger.kind !== 'count') {
    throw bad('the global window has no count trigger', 'It never ends, so give it { trigger: onCount(n) }')
  }
  return { assigner, trigger, lateness, late }
}

function bad(what: string, hint: string): FatalError {
  return new FatalError('BAD_OPTION', what, { where: { operator: 'window' }, hint })
}
