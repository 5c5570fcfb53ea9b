import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type Watermark, watermark } from '../../../src/element.ts'
import { cold, run } from '../../../src/testing/index.ts'
import { withSetWatermarks } from '../../../src/testing/job/setWatermarks.ts'

describe('watermarks that are set by hand', () => {
  it('come among those of the source, and only rise', () => {
    const set = new Subject<Watermark>()
    const seen: unknown[] = []
    withSetWatermarks(cold('R<watermark 5>a<watermark 5>b<watermark 20>'), set).subscribe((element) =>
      seen.push(element.kind === 'watermark' ? element.timestamp : element.kind),
    )
    expect(seen).toEqual(['restore', 5, 'record', 'record', 20])
    for (const timestamp of [10, 30, 30, 25]) set.next(watermark(timestamp))
    expect(seen.slice(5)).toEqual([30])
  })

  it('change nothing if there are none', () => {
    const none = new Subject<Watermark>()
    const passed = run((source) => withSetWatermarks(source, none), 'R-a-1-W-<idle>-b-')
    expect(passed.marbles).toBe('R-a-1-W-<idle>-b-')
  })

  it('end with the source when they have ended too', () => {
    const set = new Subject<Watermark>()
    set.complete()
    expect(run((source) => withSetWatermarks(source, set), 'R-a-|').marbles).toBe('R-a-|')
  })
})
