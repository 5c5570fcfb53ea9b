import { anObject, wholeNumber } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import { type CountTrigger, onWatermark, type Trigger } from '../../time/triggers.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { SideOutput } from '../sideOutput.ts'

/** Options of `window`. */
export interface WindowOptions<L, J = unknown> {
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
  readonly late?: SideOutput<L, J> | undefined
}

/** Options of `window(globalWindow())`, for which no record is late. */
export interface GlobalWindowOptions {
  /** When the window emits its result. Required, because the window never ends. */
  readonly trigger: CountTrigger
}

/** Checked options of `window`. */
export interface WindowSettings<L, J = unknown> {
  readonly assigner: WindowAssigner
  readonly trigger: Trigger
  /** Time that a window is kept for late records, ms. */
  readonly lateness: number
  readonly late: SideOutput<L, J> | undefined
}

/**
 * Checks the options of `window`.
 *
 * @throws BAD_OPTION
 */
export function windowSettings<L, J>(assigner: WindowAssigner, options: WindowOptions<L, J>): WindowSettings<L, J> {
  const { trigger = onWatermark(), allowedLateness: lateness = 0, late } = options ?? {}
  const isEndless = assigner.kind === 'global' && trigger.kind !== 'count'
  checkOptions<WindowOptions<L, J>>('window', options, rulesOf[assigner.kind] ?? rules, {
    where: { operator: 'window' },
    problems: isEndless ? ['the global window has no count trigger, and it never ends'] : [],
    ...(isEndless ? { hint: 'Give { trigger: onCount(n) }' } : {}),
  })
  return { assigner, trigger, lateness, late }
}

/** Rules of windows that take fewer options than those of event time. */
const rulesOf: { readonly [kind in WindowAssigner['kind']]?: OptionRules<WindowOptions<never>> } = {
  global: { trigger: anObject } as unknown as OptionRules<WindowOptions<never>>,
  processing: {} as OptionRules<WindowOptions<never>>,
}

const rules: OptionRules<WindowOptions<never>> = {
  trigger: anObject,
  allowedLateness: wholeNumber(0),
  late: anObject,
}
