package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PgHostTests {

    @Test
    void hostsAreEqualWhenAllTheirPartsAre() {
        PgHost host = new PgHost("db", 5432, "10.0.0.1");
        assertThat(host)
                .isEqualTo(new PgHost("db", 5432, "10.0.0.1"))
                .hasSameHashCodeAs(new PgHost("db", 5432, "10.0.0.1"));
        assertThat(host)
                .isNotEqualTo(new PgHost("db2", 5432, "10.0.0.1"))
                .isNotEqualTo(new PgHost("db", 5433, "10.0.0.1"))
                .isNotEqualTo(new PgHost("db", 5432, "10.0.0.2"))
                .isNotEqualTo(new PgHost("db", 5432))
                .isNotEqualTo("db:5432");
        assertThat(new PgHost("db", 5432)).isEqualTo(new PgHost("db", 5432)).hasSameHashCodeAs(new PgHost("db", 5432));
    }
}
