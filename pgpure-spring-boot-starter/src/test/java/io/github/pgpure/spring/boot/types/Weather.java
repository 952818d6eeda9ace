package io.github.pgpure.spring.boot.types;

import io.github.pgpure.convert.PgType;

/** Not public: generated code of another package cannot name it. Its type is not in the database. */
@PgType("weather_that_nobody_has_created")
enum Weather {
    SUNNY
}
