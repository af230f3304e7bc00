/** Imported first by every process of a benchmark: libraries look at it when they are loaded. The product sets it in main.ts, and the peer's documentation says so too. */
process.env.NODE_ENV = 'production';
