/** The sidebar of the API reference: its modules, each with what it exports, as TypeDoc has written them into docs/api. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

const api = join(import.meta.dirname, '../api')
const kinds = ['functions', 'variables', 'classes', 'interfaces', 'type-aliases']
const modules = ['', 'kafka', 'embedded', 'lmdb', 's3', 'console', 'testing', 'extend']

export function apiSidebar(): DefaultTheme.SidebarItem[] {
  return modules.map((name) => {
    const path = name === '' ? 'rxweft' : `rxweft/${name}`
    return { text: path, link: `/api/${path}/`, collapsed: name !== '', items: exportsOf(path) }
  })
}

function exportsOf(path: string): DefaultTheme.SidebarItem[] {
  const items = kinds.flatMap((kind) => {
    const folder = join(api, path, kind)
    const files = existsSync(folder) ? readdirSync(folder) : []
    return files.map((file) => {
      const name = file.replace(/\.md$/, '')
      return { text: name, link: `/api/${path}/${kind}/${name}` }
    })
  })
  return items.sort((a, b) => a.text.localeCompare(b.text))
}
