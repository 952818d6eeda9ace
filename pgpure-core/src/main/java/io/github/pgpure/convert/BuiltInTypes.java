package io.github.pgpure.convert;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * The types whose OIDs are the same in every database, so that no query has to look for them (<a href="https://www.postgresql.org/docs/current/catalog-pg-type.html">pg_type</a>).
 */
final class BuiltInTypes {

    /** Where they are; every search path begins with it unless it says otherwise. */
    static final String SCHEMA = "pg_catalog";

    private static final Map<Integer, TypeInfo> TYPES = new HashMap<>();

    static {
        base("bool", 16, 1000);
        base("bytea", 17, 1001);
        base("char", 18, 1002);
        base("name", 19, 1003);
        base("int8", 20, 1016);
        base("int2", 21, 1005);
        base("int2vector", 22, 1006);
        base("int4", 23, 1007);
        base("regproc", 24, 1008);
        base("text", 25, 1009);
        base("oid", 26, 1028);
        base("tid", 27, 1010);
        base("xid", 28, 1011);
        base("cid", 29, 1012);
        base("oidvector", 30, 1013);
        base("json", 114, 199);
        base("xml", 142, 143);
        base("point", 600, 1017);
        base("lseg", 601, 1018);
        base("path", 602, 1019);
        base("box", 603, 1020, ';');
        base("polygon", 604, 1027);
        base("line", 628, 629);
        base("cidr", 650, 651);
        base("float4", 700, 1021);
        base("float8", 701, 1022);
        base("unknown", 705, 0);
        base("circle", 718, 719);
        base("macaddr8", 774, 775);
        base("money", 790, 791);
        base("macaddr", 829, 1040);
        base("inet", 869, 1041);
        base("aclitem", 1033, 1034);
        base("bpchar", 1042, 1014);
        base("varchar", 1043, 1015);
        base("date", 1082, 1182);
        base("time", 1083, 1183);
        base("timestamp", 1114, 1115);
        base("timestamptz", 1184, 1185);
        base("interval", 1186, 1187);
        base("timetz", 1266, 1270);
        base("bit", 1560, 1561);
        base("varbit", 1562, 1563);
        base("numeric", 1700, 1231);
        base("refcursor", 1790, 2201);
        base("regprocedure", 2202, 2207);
        base("regoper", 2203, 2208);
        base("regoperator", 2204, 2209);
        base("regclass", 2205, 2210);
        base("regtype", 2206, 2211);
        base("cstring", 2275, 1263);
        base("void", 2278, 0);
        base("uuid", 2950, 2951);
        base("txid_snapshot", 2970, 2949);
        base("pg_lsn", 3220, 3221);
        base("tsvector", 3614, 3643);
        base("tsquery", 3615, 3645);
        base("regconfig", 3734, 3735);
        base("regdictionary", 3769, 3770);
        base("jsonb", 3802, 3807);
        base("jsonpath", 4072, 4073);
        base("regnamespace", 4089, 4090);
        base("regrole", 4096, 4097);
        base("regcollation", 4191, 4192);
        base("pg_snapshot", 5038, 5039);
        base("xid8", 5069, 271);
        base("record", 2249, 2287);
        range("int4", 3904, 3905, 23, 4451, 6150);
        range("num", 3906, 3907, 1700, 4532, 6151);
        range("ts", 3908, 3909, 1114, 4533, 6152);
        range("tstz", 3910, 3911, 1184, 4534, 6153);
        range("date", 3912, 3913, 1082, 4535, 6155);
        range("int8", 3926, 3927, 20, 4536, 6157);
    }

    private BuiltInTypes() {}

    private static void base(String name, int oid, int arrayOid) {
        base(name, oid, arrayOid, ',');
    }

    private static void base(String name, int oid, int arrayOid, char delimiter) {
        derived(name, oid, arrayOid, TypeInfo.Kind.BASE, 0, delimiter);
    }

    private static void range(
            String prefix, int oid, int arrayOid, int subtype, int multirangeOid, int multirangeArrayOid) {
        derived(prefix + "range", oid, arrayOid, TypeInfo.Kind.RANGE, subtype, ',');
        derived(prefix + "multirange", multirangeOid, multirangeArrayOid, TypeInfo.Kind.MULTIRANGE, oid, ',');
    }

    private static void derived(String name, int oid, int arrayOid, TypeInfo.Kind kind, int related, char delimiter) {
        TYPES.put(oid, TypeInfo.builtIn(oid, name, kind, related, delimiter));
        if (arrayOid != 0) {
            TYPES.put(arrayOid, TypeInfo.builtIn(arrayOid, "_" + name, TypeInfo.Kind.ARRAY, oid, delimiter));
        }
    }

    static Map<Integer, TypeInfo> types() {
        return Collections.unmodifiableMap(TYPES);
    }

    static boolean isName(String catalogName) {
        return TYPES.values().stream().anyMatch(type -> type.name().equals(catalogName));
    }
}
