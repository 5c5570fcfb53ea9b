/** Watermark strategies: how the records of a source tell event time. One is built so far; see the README for what is to come. */
export type WatermarkStrategy = { readonly kind: 'none' }

/** No event time: records keep the timestamps that the source gives them, and only the end of a bounded source is announced. */
export function noWatermarks(): WatermarkStrategy {
  return { kind: 'none' }
}
