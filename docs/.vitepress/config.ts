import { defineConfig } from 'vitepress'
import { apiSidebar } from './apiSidebar.ts'
import { markdownCopies } from './markdownCopies.ts'
import { parts } from './pages.ts'

export default defineConfig({
  title: 'rxweft',
  description: 'Exactly-once stream processing for TypeScript, Kafka to Kafka, in a plain Node process',
  lang: 'en',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }]],
  cleanUrls: true,
  lastUpdated: false,
  // A link that leads nowhere ends the build.
  ignoreDeadLinks: false,
  srcExclude: ['node_modules/**'],
  markdown: { theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    logo: '/favicon.svg',
    nav: [
      { text: 'Guide', link: '/start' },
      { text: 'Faults', link: '/fault-model' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: {
      '/': parts.map(({ title, pages }) => ({
        text: title,
        items: pages.map(([file, text]) => ({ text, link: `/${file}` })),
      })),
      '/api/': apiSidebar(),
    },
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'Apache-2.0 · llms.txt and each page as .md are beside the pages' },
  },
  buildEnd: ({ srcDir, outDir, pages }) => markdownCopies(srcDir, outDir, pages),
})
