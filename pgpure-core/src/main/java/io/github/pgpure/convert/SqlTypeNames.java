package io.github.pgpure.convert;

import java.util.Locale;
import java.util.Map;

/** The names that SQL's grammar has for types which the catalogs call otherwise. */
final class SqlTypeNames {

    private static final Map<String, String> CATALOG_NAMES = Map.ofEntries(
            Map.entry("smallint", "int2"),
            Map.entry("int", "int4"),
            Map.entry("integer", "int4"),
            Map.entry("bigint", "int8"),
            Map.entry("real", "float4"),
            Map.entry("double precision", "float8"),
            Map.entry("float", "float8"),
            Map.entry("decimal", "numeric"),
            Map.entry("dec", "numeric"),
            Map.entry("boolean", "bool"),
            Map.entry("character", "bpchar"),
            Map.entry("character varying", "varchar"),
            Map.entry("bit varying", "varbit"),
            Map.entry("time without time zone", "time"),
            Map.entry("time with time zone", "timetz"),
            Map.entry("timestamp without time zone", "timestamp"),
            Map.entry("timestamp with time zone", "timestamptz"));

    private SqlTypeNames() {}

    /** The name in {@code pg_type}; SQL's own names may be in upper case too. */
    static String catalogName(String sqlName) {
        return CATALOG_NAMES.getOrDefault(sqlName.toLowerCase(Locale.ROOT), sqlName);
    }
}
