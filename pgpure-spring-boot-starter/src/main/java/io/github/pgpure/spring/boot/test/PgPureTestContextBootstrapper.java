package io.github.pgpure.spring.boot.test;

import org.springframework.boot.test.autoconfigure.TestSliceTestContextBootstrapper;

/** Boots {@link PgPureTest}. */
class PgPureTestContextBootstrapper extends TestSliceTestContextBootstrapper<PgPureTest> {}
