import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { program } from './program.ts'

const everything = join(import.meta.dirname, 'jobs/everything.ts')

describe('rxweft explain', () => {
  async function explained(...args: readonly string[]): Promise<string> {
    const run = program('explain', ...args)
    expect(await run.ended, run.said).toBe(0)
    return run.said
  }

  it('prints one line for each node, and what the graph shows of mistakes', async () => {
    const said = await explained(everything)
    expect(said).toMatch(/^job everything$/m)
    expect(said).toMatch(/^ {2}minutes +window \(state\) +-> map, filter, late \(side\)$/m)
    expect(said).toContain('! lift:')
  })

  it('prints JSON that has nodes, edges and findings', async () => {
    const { nodes, edges, findings } = JSON.parse(await explained(everything, '--json'))
    expect(nodes).toHaveLength(17)
    expect(edges).toContainEqual({ from: 'minutes', to: 'late', side: true })
    expect(findings).toMatchObject([{ rule: 'lift', node: 'lift' }])
  })

  it.each([
    ['mermaid', /^flowchart LR\n/],
    ['svg', /^<svg xmlns/],
  ])('draws %s with each node', async (format, begin) => {
    const said = await explained(everything, '--format', format)
    expect(said).toMatch(begin)
    for (const name of ['clicks', 'minutes', 'ruled', 'letters']) expect(said).toContain(name)
  })

  it('says that a module exports no job', async () => {
    const run = program('explain', import.meta.filename.replace('explain.test', 'program'))
    expect(await run.ended).toBe(2)
    expect(run.said).toContain('exports no job')
  })
})
