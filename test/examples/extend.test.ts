/** The operator, the source and the sink of docs/extending.md: alone, and together in a program that is killed at every step of the protocol. */
import { readdirSync, readFileSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from 'rxweft/testing'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { totalAtBarriers } from '../../examples/extend/totalAtBarriers.ts'
import { testProgram } from '../../tools/support/testProgram.ts'

const folderOf = (name: string): string => join(import.meta.dirname, '../../examples/extend', name)
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1)

/** The values in a folder of JSON lines, in the order of the checkpoints. */
function written(folder: string): readonly number[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  const inOrder = files.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  const lines = inOrder.flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
  return lines.map((line) => JSON.parse(line))
}

describe('the extensions of docs/extending.md', { timeout: 120_000 }, () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rxweft-extend-'))
    onTestFinished(() => rm(folder, { recursive: true }))
  })

  it.each(['totalAtBarriers.ts', 'tailFile.ts', 'jsonLines.ts'])('%s has less than 40 lines of code', (name) => {
    const lines = readFileSync(folderOf(name), 'utf8').split('\n')
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThan(40)
  })

  it('the page shows their code, and the job of the program', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/extending.md'), 'utf8')
    const shown = [...page.matchAll(/```ts[^\n]*\n(.*?)```/gs)].map(([, code = '']) => code)
    const code = (name: string): string => readFileSync(folderOf(name), 'utf8')
    expect(shown.slice(0, 3)).toEqual(['totalAtBarriers.ts', 'tailFile.ts', 'jsonLines.ts'].map(code))
    expect(code('totals.ts')).toContain(shown[3])
  })

  it('the picture on the page is what the operator draws', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/extending.md'), 'utf8')
    const [, input = '', output] =
      /expect\(run\(totalAtBarriers.*?'(R.*?)'\)\.marbles\)\.toBe\('(.*?)'\)/.exec(page) ?? []
    expect(run(totalAtBarriers('total'), input, { values: {} }).marbles).toBe(output)
  })

  it('the operator emits its total at barriers that something came before, and continues with it after a restart', () => {
    const values = { a: 1, b: 2, S: 3, T: 5 }
    const before = run(totalAtBarriers('total'), 'R-a-b-1-2-b-', { values })
    expect(before.marbles).toBe('R-----(S1)2-')
    expect(run(totalAtBarriers('total'), 'R-b-3-|', { values, restoreFrom: before.snapshot(2) }).marbles).toBe(
      'R---(T3)|',
    )
  })

  it('the program writes every number and every total once, killed at each step of the checkpoint protocol', async () => {
    const input = join(folder, 'numbers.txt')
    const output = join(folder, 'output')
    let count = 0
    const append = async (): Promise<void> => {
      await appendFile(
        input,
        upTo(20)
          .map((at) => `${count + at}\n`)
          .join(''),
      )
      count += 20
    }
    for (const step of ['barrier', 'prepared', 'stored', 'committed', 'rolled']) {
      await append()
      const program = testProgram([input, output], { RXWEFT_CRASH_AT: step }, folderOf('totals.ts'))
      expect(await program.ended, `${step}: ${program.said}`).toBe('SIGKILL')
    }
    await append()
    const last = testProgram([input, output], {}, folderOf('totals.ts'))
    while (last.alive && !written(join(output, 'numbers')).includes(count)) await pause(50)
    last.signal('SIGTERM')
    expect(await last.ended, last.said).toBe(0)

    expect(written(join(output, 'numbers'))).toEqual(upTo(count))
    const totals = written(join(output, 'totals'))
    const sums = upTo(count).map((number) => (number * (number + 1)) / 2)
    expect(totals.filter((total) => !sums.includes(total))).toEqual([])
    expect(totals).toEqual([...new Set(totals)].sort((a, b) => a - b))
    expect(totals.at(-1)).toBe(sums.at(-1))
    expect(readdirSync(join(output, 'totals')).filter((name) => name.endsWith('.pending'))).toEqual([])
  })
})
