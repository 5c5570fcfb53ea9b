import { FatalError } from '../../errors.ts'
import { checkOptionNames } from '../../options.ts'
import { type CountTrigger, onWatermark, type Trigger } from '../../time/triggers.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { SideOutput } from '../sideOutput.ts'

/** Options of `window`. */
export interface WindowOptions<L> {
  /** When a window emits its result. Default `onWatermark()`. */
  readonly trigger?: Trigger | undefined
  /**
   * Time that a window is kept after the watermark has reached its last ms, for late records; ms of
   * event time. Default 0.
   */
  readonly allowedLateness?: number | undefined
  /**
   * Side output for records that are late for all of their windows. Default: they are counted in
   * event `late-records` and dropped.
   */
  readonly late?: SideOutput<L> | undefined
}

/** Options of `window(globalWindow())`, for which no record is late. */
export interface GlobalWindowOptions {
  /** When the window emits its result. Required, because the window never ends. */
  readonly trigger: CountTrigger
}

/** Checked options of `window`. */
export interface WindowSettings<L> {
  readonly assigner: WindowAssigner
  readonly trigger: Trigger
  /** Time that a window is kept for late records, ms. */
  readonly lateness: number
  readonly late: SideOutput<L> | undefined
}

/**
 * Checks the options of `window`.
 *
 * @throws BAD_OPTION
 */
export function windowSettings<L>(assigner: WindowAssigner, options: WindowOptions<L>): WindowSettings<L> {
  if (assigner.kind === 'global') {
    checkOptionNames<GlobalWindowOptions>('window(globalWindow())', options as GlobalWindowOptions, { trigger: true })
  } else checkOptionNames('window', options, { trigger: true, allowedLateness: true, late: true })
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
