package io.github.pgpure.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the catalogs for types and, in the same query, for all that those are made of and for their arrays
 * (<a href="https://www.postgresql.org/docs/current/catalog-pg-type.html">pg_type</a>).
 */
final class TypeQuery {

    // rngmultitypid is read through JSON because it does not exist before PostgreSQL 14.
    private static final String SQL = """
            with recursive needed(oid) as (
              select unnest('{%s}'::pg_catalog.oid[])
              union
              select part.oid from needed
              join pg_catalog.pg_type t on t.oid = needed.oid
              cross join lateral (
                select t.typelem
                union all select t.typarray
                union all select t.typbasetype
                union all select a.atttypid from pg_catalog.pg_attribute a
                  where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                union all select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid
                union all select r.rngtypid from pg_catalog.pg_range r
                  where t.typtype = 'm' and pg_catalog.to_jsonb(r) ->> 'rngmultitypid' = t.oid::pg_catalog.text
              ) part(oid)
              where part.oid <> 0
            )
            select t.oid, n.nspname, t.typname,
              case when element.oid is not null then 'a' else t.typtype end,
              case when element.oid is not null then element.oid
                when t.typtype = 'd' then t.typbasetype
                when t.typtype = 'r' then (select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid)
                when t.typtype = 'm' then (select r.rngtypid from pg_catalog.pg_range r
                  where pg_catalog.to_jsonb(r) ->> 'rngmultitypid' = t.oid::pg_catalog.text)
                else 0 end,
              t.typdelim, pg_catalog.pg_type_is_visible(t.oid), member.name, member.type
            from (select distinct oid from needed) wanted
            join pg_catalog.pg_type t on t.oid = wanted.oid
            join pg_catalog.pg_namespace n on n.oid = t.typnamespace
            left join pg_catalog.pg_type element on element.oid = t.typelem and element.typarray = t.oid
            left join lateral (
              select a.attname::pg_catalog.text, a.atttypid, a.attnum::pg_catalog.float8 from pg_catalog.pg_attribute a
                where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
              union all
              select e.enumlabel::pg_catalog.text, 0, e.enumsortorder from pg_catalog.pg_enum e where e.enumtypid = t.oid
            ) member(name, type, position) on true
            order by t.oid, member.position
            """;

    private static final int COLUMNS = 9;

    private TypeQuery() {}

    static String sql(List<Integer> oids) {
        StringBuilder list = new StringBuilder();
        for (int oid : oids) {
            list.append(list.isEmpty() ? "" : ",").append(Integer.toUnsignedString(oid));
        }
        return String.format(SQL, list);
    }

    /** The answer's types; those that are gone meanwhile are not among them. */
    static Map<Integer, TypeInfo> read(List<@Nullable String[]> rows) {
        Map<Integer, TypeInfo> types = new LinkedHashMap<>();
        for (@Nullable String[] row : rows) {
            if (row.length != COLUMNS) {
                throw new IllegalStateException("the query for types gave " + row.length + " columns");
            }
            int oid = oid(row[0]);
            TypeInfo type = types.get(oid);
            if (type == null) {
                String delimiter = text(row[5]);
                type = new TypeInfo(
                        oid,
                        text(row[1]),
                        text(row[2]),
                        kind(text(row[3])),
                        oid(row[4]),
                        delimiter.isEmpty() ? ',' : delimiter.charAt(0),
                        "t".equals(row[6]),
                        new ArrayList<>());
                types.put(oid, type);
            }
            String member = row[7];
            if (member != null) {
                type.members().add(new TypeInfo.Member(member, oid(row[8])));
            }
        }
        return types;
    }

    private static TypeInfo.Kind kind(String kind) {
        switch (kind) {
            case "a":
                return TypeInfo.Kind.ARRAY;
            case "b":
                return TypeInfo.Kind.BASE;
            case "c":
                return TypeInfo.Kind.COMPOSITE;
            case "d":
                return TypeInfo.Kind.DOMAIN;
            case "e":
                return TypeInfo.Kind.ENUM;
            case "m":
                return TypeInfo.Kind.MULTIRANGE;
            case "r":
                return TypeInfo.Kind.RANGE;
            default:
                return TypeInfo.Kind.OTHER;
        }
    }

    private static int oid(@Nullable String text) {
        return text == null ? 0 : Integer.parseUnsignedInt(text);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
