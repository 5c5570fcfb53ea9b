/**
 * When a record is late, all in ms of event time. A record that comes too late for every window, or
 * for its join, goes to the side output `late`, or is counted (`KeyedContext.late`).
 *
 * Source: WindowOperator (isWindowLate, isElementLate) and IntervalJoinOperator of Flink.
 */

/**
 * Time at which a window is dropped: the watermark has reached its last ms, and the lateness is
 * over.
 */
export const dropTime = (end: number, lateness: number): number => end - 1 + lateness

/**
 * Whether a window takes no records any more.
 * @param end exclusive
 */
export const isWindowOver = (end: number, lateness: number, watermark: number): boolean =>
  dropTime(end, lateness) <= watermark

/** Whether a record that belongs to no window is late. */
export const isLateOutsideWindows = (timestamp: number, lateness: number, watermark: number): boolean =>
  timestamp + lateness <= watermark

/** Whether an element comes too late to be joined. */
export const isLateForJoin = (timestamp: number, watermark: number): boolean => timestamp < watermark
