import { expect, test } from 'vitest'
import { dueMarkers } from '../../src/time/dueMarkers.ts'

test('a change that comes too soon after a marker is pending until the next one', () => {
  const markers = dueMarkers()
  expect(markers.pending).toBe(false)
  markers.watermark(5)
  expect(markers.due(0)).toEqual({ watermark: 5, idle: false })
  expect(markers.pending).toBe(false)
  markers.watermark(6)
  expect([markers.due(500), markers.pending]).toEqual([null, true])
  expect(markers.due(1_000)).toEqual({ watermark: 6, idle: false })
  expect(markers.pending).toBe(false)
})
