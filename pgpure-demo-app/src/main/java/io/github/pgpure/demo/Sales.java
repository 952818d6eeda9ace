package io.github.pgpure.demo;

import java.math.BigDecimal;

/** What one show has sold. */
record Sales(String title, long sold, BigDecimal revenue) {}
