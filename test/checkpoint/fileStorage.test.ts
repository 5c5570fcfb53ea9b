import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { rejectionOf, rejectionsOf, thrownBy } from '../../tools/support/thrown.ts'
import { storageContract } from './storageContract.ts'
import { temporaryFolder } from './temporaryFolder.ts'

storageContract('fileStorage', async () => {
  const folder = join(await temporaryFolder(), 'storage')
  return { open: () => fileStorage(folder) }
})

const bytes = Buffer.from('bytes')
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const ready = async (folder: string) => fileStorage(folder).ready?.()
const posix = test.skipIf(process.platform === 'win32')

describe('fileStorage', () => {
  test('says where it is', async () => {
    const folder = await temporaryFolder()
    expect(fileStorage(folder).place).toBe(`folder ${folder}`)
    expect(thrownBy(() => fileStorage('')).code).toBe('BAD_OPTION')
  })

  test('touches nothing before the first put', async () => {
    const folder = await temporaryFolder()
    const storage = fileStorage(join(folder, 'new'))
    await storage.list('')
    await storage.get('a/b')
    await storage.remove('a/b')
    expect(await readdir(folder)).toEqual([])
  })

  test('is ready where a put would work, and leaves only its folder behind', async () => {
    const folder = await temporaryFolder()
    await ready(join(folder, 'a', 'b'))
    expect(await readdir(folder, { recursive: true })).toEqual(['a', join('a', 'b')])
  })

  test('is not ready where a file is in the way', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const refusal = await rejectionOf(ready(join(folder, 'file', 'b')))
    expect(refusal.code).toBe('STORAGE_DAMAGED')
  })

  posix('is not ready where other users may write', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o777)
    expect(await rejectionOf(ready(folder))).toMatchObject({ code: 'STORAGE_RIGHTS' })
  })

  posix('is ready where the group may write, as with the fsGroup of Kubernetes, and warns', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o2775)
    const storage = fileStorage(folder)
    expect(await storage.ready?.()).toEqual([expect.stringContaining(`the group of ${folder} may write into it`)])
    await storage.put('job/0/chk-1', bytes)
    await chmod(join(folder, 'job'), 0o2770)
    expect(await fileStorage(folder).get('job/0/chk-1')).toEqual(bytes)
    await chmod(folder, 0o700)
    expect(await fileStorage(folder).ready?.()).toEqual([])
  })

  posix.each([
    ['in /proc', '/proc/self/none'],
    ['below a device', '/dev/null/none'],
    ['in /sys', '/sys/none'],
    ['with a zero byte', 'a\0bbbb'],
    ['with a name that is too long', `/tmp/${'x'.repeat(300)}`],
  ])('is refused at the start where its folder cannot be made: %s', async (_, folder) => {
    const refusal = await rejectionOf(ready(folder))
    expect(['fatal', 'corrupted']).toContain(refusal.consequence)
    expect(refusal.where.file).toContain(folder.slice(-4))
    expect(refusal.hint).toBeDefined()
  })

  posix('makes its folders for their owner alone, with all parents, and so its files', async () => {
    const folder = await temporaryFolder()
    await fileStorage(join(folder, 'a', 'b')).put('job/0/chk-1', bytes)
    for (const path of ['a', 'a/b', 'a/b/job', 'a/b/job/0']) expect(await modeOf(join(folder, path))).toBe('700')
    expect(await modeOf(join(folder, 'a/b/job/0/chk-1'))).toBe('600')
    expect(await readFile(join(folder, 'a/b/job/0/chk-1'), 'utf8')).toBe('bytes')
  })

  test('leaves no temporary file, whether the put succeeds or not', async () => {
    const folder = await temporaryFolder()
    const storage = fileStorage(folder)
    await storage.put('job/a', bytes)
    await rejectionOf(storage.put('job/a', bytes))
    expect(await readdir(join(folder, 'job'))).toEqual(['a'])
  })

  posix.each([
    ['the folder itself', '.', 0o777],
    ['the folder itself', '.', 0o707],
    ['a folder below', 'job', 0o702],
  ])('refuses %s (%s) when others may write to it (%i)', async (_what, path, mode) => {
    const folder = await temporaryFolder()
    const storage = fileStorage(folder)
    await storage.put('job/a', bytes)
    await chmod(join(folder, path), mode)
    for (const error of await rejectionsOf([
      storage.put('job/b', bytes),
      storage.get('job/a'),
      storage.list('job/'),
      storage.list(''),
      storage.remove('job/a'),
    ])) {
      expect(error).toMatchObject({ code: 'STORAGE_RIGHTS', consequence: 'fatal' })
      expect(error.message).toContain(`chmod 700 '${join(folder, path)}'`)
    }
  })

  posix('takes a folder that others may only read', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o755)
    await fileStorage(folder).put('a', bytes)
  })

  posix('does not follow a link within it, to wherever it leads', async () => {
    const outside = await temporaryFolder()
    await writeFile(join(outside, 'chk-1'), 'foreign')
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'job'), { mode: 0o700 })
    await symlink(outside, join(folder, 'job', '0'))
    await symlink(join(outside, 'chk-1'), join(folder, 'job', 'file'))
    const storage = fileStorage(folder)
    const calls = [
      storage.put('job/0/new', bytes),
      storage.get('job/0/chk-1'),
      storage.get('job/file'),
      storage.remove('job/0/chk-1'),
      storage.list('job/0/'),
      storage.list(''),
    ]
    for (const error of await rejectionsOf(calls))
      expect(error).toMatchObject({ code: 'STORAGE_LINK', consequence: 'fatal' })
    expect(await readdir(outside)).toEqual(['chk-1'])
  })

  posix('may itself be reached through a link', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'real'), { mode: 0o700 })
    await symlink('real', join(folder, 'link'))
    await fileStorage(join(folder, 'link')).put('a', bytes)
    expect(await readdir(join(folder, 'real'))).toEqual(['a'])
  })

  posix('ends with an error where it is a link to nothing', async () => {
    const folder = await temporaryFolder()
    await symlink('nothing', join(folder, 'link'))
    const error = await rejectionOf(fileStorage(join(folder, 'link')).put('a/b', bytes))
    expect(error.code).toBe('STORAGE_DAMAGED')
  })

  test('calls a folder in place of a file, and a file in place of a folder, damage', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'job', 'a'), { recursive: true, mode: 0o700 })
    const storage = fileStorage(folder)
    await storage.put('file', bytes)
    const calls = [storage.get('job/a'), storage.get('file/a'), storage.put('file/a', bytes), storage.list('file/')]
    for (const error of await rejectionsOf(calls)) {
      expect(error).toMatchObject({ code: 'STORAGE_DAMAGED', consequence: 'corrupted' })
      expect(error.message).toContain(folder)
    }
  })

  posix('does not wait for a pipe in place of a file', async () => {
    const folder = await temporaryFolder()
    spawnSync('mkfifo', [join(folder, 'pipe')])
    expect((await rejectionOf(fileStorage(folder).get('pipe'))).code).toBe('STORAGE_DAMAGED')
  })

  test('does not list what is not a key', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, '.hidden'), '')
    await writeFile(join(folder, 'a b'), '')
    await writeFile(join(folder, 'key'), '')
    expect(await fileStorage(folder).list('')).toEqual(['key'])
  })
})

describe('temporary files that a killed process has left', () => {
  const me = hostname()
    .replace(/[^A-Za-z0-9.-]/g, '_')
    .slice(0, 64)
  const gone = spawnSync(process.execPath, ['-e', '']).pid

  async function afterPut(host: string, pid: number, minutesOld: number): Promise<'kept' | 'removed'> {
    const folder = await temporaryFolder()
    const name = `.put-${host}-${pid}-${randomUUID()}`
    await writeFile(join(folder, name), 'half')
    const then = Date.now() / 1_000 - minutesOld * 60
    await utimes(join(folder, name), then, then)
    const storage = fileStorage(folder)
    expect(await storage.list('')).toEqual([])
    await storage.put('next', bytes)
    const left = await readdir(folder)
    expect(left).toContain('next')
    return left.includes(name) ? 'kept' : 'removed'
  }

  test.each([
    ['a process that is gone, an old one', me, gone, 2, 'removed'],
    ['a process that seems gone, a fresh one (it may live in another container)', me, gone, 0, 'kept'],
    ['a process that runs', me, process.ppid, 30, 'kept'],
    ['a process that runs, but nobody writes for hours', me, process.ppid, 61, 'removed'],
    ['an earlier process with our id', me, process.pid, 2, 'removed'],
    ['another host', 'elsewhere-7', gone, 30, 'kept'],
    ['another host, hours ago', 'elsewhere-7', gone, 61, 'removed'],
  ] as const)('of %s', async (_what, host, pid, minutesOld, outcome) => {
    expect(await afterPut(host, pid, minutesOld)).toBe(outcome)
  })

  test('other hidden files stay', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, '.put-notes'), 'mine')
    await utimes(join(folder, '.put-notes'), 1, 1)
    await fileStorage(folder).put('next', bytes)
    expect((await readdir(folder)).sort()).toEqual(['.put-notes', 'next'])
  })
})
