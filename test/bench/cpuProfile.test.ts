import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CpuProfile, framesOf, hottest } from '../../bench/flame/cpuProfile.ts'

const node = (
  id: number,
  functionName: string,
  children: number[] = [],
  url = 'file:///x/a.js',
): CpuProfile['nodes'][number] => {
  return { id, callFrame: { functionName, url, lineNumber: id }, children }
}

describe('a CPU profile', () => {
  const profile: CpuProfile = {
    nodes: [
      node(1, '(root)', [2, 3, 4], ''),
      node(2, 'main', [5]),
      node(3, '(idle)', [], ''),
      node(4, '(garbage collector)', [], ''),
      node(5, 'work'),
    ],
    samples: [2, 5, 5, 3, 4, 5],
    timeDeltas: [100, 200, 300, 5_000, 50, 350],
  }

  it('has the time of each function by itself, and with what it called', () => {
    expect(framesOf(profile)).toEqual({
      ...{ name: 'all', self: 0, total: 1_000 },
      children: [
        {
          ...{ name: 'main a.js:3', self: 100, total: 950 },
          children: [{ name: 'work a.js:6', self: 850, total: 850, children: [] }],
        },
        { name: '(garbage collector)', self: 50, total: 50, children: [] },
      ],
    })
  })

  it('tells the hottest first, by their own time', () => {
    expect(hottest(framesOf(profile)).map(({ name }) => name)).toEqual([
      'work a.js:6',
      'main a.js:3',
      '(garbage collector)',
    ])
  })

  it('counts a function that calls itself once', () => {
    const same = { functionName: 'f', url: 'a.js', lineNumber: 0 }
    const recursive: CpuProfile = {
      nodes: [node(1, '(root)', [2], ''), { id: 2, callFrame: same, children: [3] }, { id: 3, callFrame: same }],
      samples: [2, 3],
      timeDeltas: [10, 30],
    }
    expect(hottest(framesOf(recursive))).toEqual([{ name: 'f a.js:1', self: 40, total: 40 }])
  })

  it('takes calls of one function from one place as one', () => {
    const twice: CpuProfile = {
      nodes: [node(1, '(root)', [2, 3], ''), ...[2, 3].map((id) => ({ ...node(7, 'f'), id }))],
      samples: [2, 3],
      timeDeltas: [10, 30],
    }
    expect(framesOf(twice).children).toMatchObject([{ name: 'f a.js:8', self: 40 }])
  })

  it('that Node has written shows the function that had the time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxweft-profile-'))
    try {
      const program =
        'function busy() { let x = 0; for (let i = 0; i < 2e8; i++) x += Math.sqrt(x + i); return x } busy()'
      spawnSync(process.execPath, ['--cpu-prof', `--cpu-prof-dir=${folder}`, '-e', program], { env: {} })
      const [file = ''] = readdirSync(folder)
      const root = framesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')))
      expect(hottest(root)[0]?.name).toMatch(/^busy /)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
