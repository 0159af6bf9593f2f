import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const server = 'http://127.0.0.1:8080'

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  plugins: [
    vue(),
    VitePWA({
      registerType: 'prompt',
      // src/pwa.ts registers the worker, because Trusted Types ask for a policy there.
      injectRegister: false,
      // The patterns below cover what lies in public/ already.
      includeAssets: [],
      includeManifestIcons: false,
      manifest: {
        name: 'Parlor',
        short_name: 'Parlor',
        description: 'A chat server of your own.',
        start_url: '/',
        display: 'standalone',
        background_color: '#fcfcfb',
        theme_color: '#0b6b60',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
      strategies: 'injectManifest',
      srcDir: 'src/worker',
      filename: 'sw.ts',
      injectManifest: {
        // One file, because importScripts would need a Trusted Types policy of its own.
        rollupFormat: 'iife',
        sourcemap: false,
        globPatterns: ['**/*.{html,js,css,svg,png}'],
      },
    }),
  ],
  // Translations are compiled without making code at run time, which the page's policy forbids.
  define: { __INTLIFY_JIT_COMPILATION__: true, __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false },
  build: { target: 'es2022' },
  server: { proxy: { '/api': { target: server, ws: true } } },
  test: { include: ['src/**/*.test.ts', 'scripts/**/*.test.mjs'], environment: 'node' },
})
