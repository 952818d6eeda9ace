/** This client beside its peers: the workloads of docs/performance.md, as an interleaved comparison and as JMH benchmarks. */
@NullMarked
package io.github.pgpure.bench;

import org.jspecify.annotations.NullMarked;
