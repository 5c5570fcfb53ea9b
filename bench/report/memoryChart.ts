/** How much memory a run took, by how many records it had written, with the most that it may take. */
import { element, picture, text } from './svg.ts'

const [width, height] = [720, 260]
const plot = { left: 60, right: 700, top: 50, bottom: 220 }

/** @param limit MiB */
export function memoryChart(curve: readonly (readonly [records: number, bytes: number])[], limit: number): string {
  const title = 'Memory of the uppercase job by records written, MiB'
  const records = Math.max(...curve.map(([count]) => count))
  const most = Math.max(limit * 1.2, ...curve.map(([, bytes]) => bytes / 2 ** 20))
  const x = (count: number): number => plot.left + (count / records) * (plot.right - plot.left)
  const y = (mebibytes: number): number => plot.bottom - (mebibytes / most) * (plot.bottom - plot.top)
  const across = (mebibytes: number, look: string): string =>
    element('line', { class: look, x1: plot.left, x2: plot.right, y1: y(mebibytes), y2: y(mebibytes) })
  const points = curve.map(([count, bytes]) => `${x(count).toFixed(1)},${y(bytes / 2 ** 20).toFixed(1)}`)
  return picture(width, height, title, [
    text(title, 10, 22, { class: 'title' }),
    ...steps(most).flatMap((at) => [
      across(at, 'axis'),
      text(String(at), plot.left - 8, y(at) + 4, { 'text-anchor': 'end' }),
    ]),
    across(limit, 'limit'),
    text('0', plot.left, plot.bottom + 20),
    text(`${(records / 1e6).toLocaleString('en-US')} M records`, plot.right, plot.bottom + 20, {
      'text-anchor': 'end',
    }),
    element('polyline', { class: 'curve', points: points.join(' ') }),
  ])
}

/** 0, 100, 200 ... */
function steps(most: number): readonly number[] {
  const step = most > 600 ? 200 : 100
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step)
}
