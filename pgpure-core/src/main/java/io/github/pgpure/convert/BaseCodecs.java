package io.github.pgpure.convert;

import io.github.pgpure.convert.IntegerCodec.Kind;

/**
 * The codecs of base types: of those of PostgreSQL itself, and of those of extensions that are known by their names.
 *
 * <p>A switch and not a table of constructors: each reference to one would be a class that is made when the first connection is opened. Each case returns
 * by itself, and as {@code Object}: to verify that a codec is a {@code ValueCodec} the JVM would load them all.
 */
final class BaseCodecs {

    private BaseCodecs() {}

    /** The codec of a base type; what has none of its own arrives in text format. */
    static ValueCodec of(TypeInfo type, String typeName) {
        return (ValueCodec)
                (BuiltInTypes.types().containsKey(type.oid())
                        ? builtIn(type.name(), type.oid(), typeName)
                        : extension(type.name(), type.oid(), typeName));
    }

    /** The codec of a type that nothing is known of. */
    static ValueCodec asText(int oid, String typeName) {
        return new TextCodec(oid, typeName, BinaryText.UNKNOWN);
    }

    private static Object builtIn(String name, int oid, String typeName) {
        switch (name) {
            case "bool":
                return new BoolCodec(oid, typeName);
            case "bytea":
                return new ByteaCodec(oid, typeName);
            case "char":
                return new InternalCharCodec(oid, typeName);
            case "name", "text", "unknown", "bpchar", "varchar", "refcursor", "cstring":
                return new TextCodec(oid, typeName);
            case "int8":
                return new IntegerCodec(oid, typeName, Kind.INT8);
            case "int2":
                return new IntegerCodec(oid, typeName, Kind.INT2);
            case "int2vector", "oidvector":
                return new TextCodec(oid, typeName, BinaryText.VECTOR_OF_NUMBERS);
            case "int4":
                return new IntegerCodec(oid, typeName, Kind.INT4);
            case "regproc",
                    "regprocedure",
                    "regoper",
                    "regoperator",
                    "regclass",
                    "regtype",
                    "regconfig",
                    "regdictionary",
                    "regnamespace",
                    "regrole",
                    "regcollation":
                return new TextCodec(oid, typeName, BinaryText.NAMED_OBJECT);
            case "oid", "xid", "cid":
                return new IntegerCodec(oid, typeName, Kind.UNSIGNED4);
            case "tid":
                return new TextCodec(oid, typeName, BinaryText.TID);
            case "json":
                return new JsonCodec(oid, typeName, false);
            case "point":
                return new GeometricCodec(oid, typeName, Geometric.Point.class);
            case "lseg":
                return new GeometricCodec(oid, typeName, Geometric.LineSegment.class);
            case "path":
                return new GeometricCodec(oid, typeName, Geometric.Path.class);
            case "box":
                return new GeometricCodec(oid, typeName, Geometric.Box.class);
            case "polygon":
                return new GeometricCodec(oid, typeName, Geometric.Polygon.class);
            case "line":
                return new GeometricCodec(oid, typeName, Geometric.Line.class);
            case "cidr":
                return new NetworkCodec(oid, typeName, true);
            case "float4":
                return new FloatCodec(oid, typeName, true);
            case "float8":
                return new FloatCodec(oid, typeName, false);
            case "circle":
                return new GeometricCodec(oid, typeName, Geometric.Circle.class);
            case "macaddr8", "macaddr":
                return new TextCodec(oid, typeName, BinaryText.MAC_ADDRESS);
            case "money":
                return new TextCodec(oid, typeName, BinaryText.MONEY);
            case "inet":
                return new NetworkCodec(oid, typeName, false);
            case "date":
                return new DateCodec(oid, typeName);
            case "time":
                return new TimeCodec(oid, typeName);
            case "timestamp":
                return new TimestampCodec(oid, typeName);
            case "timestamptz":
                return new TimestamptzCodec(oid, typeName);
            case "interval":
                return new IntervalCodec(oid, typeName);
            case "timetz":
                return new TimetzCodec(oid, typeName);
            case "bit", "varbit":
                return new BitCodec(oid, typeName);
            case "numeric":
                return new NumericCodec(oid, typeName);
            case "uuid":
                return new UuidCodec(oid, typeName);
            case "txid_snapshot", "pg_snapshot":
                return new TextCodec(oid, typeName, BinaryText.SNAPSHOT);
            case "pg_lsn":
                return new TextCodec(oid, typeName, BinaryText.PG_LSN);
            case "tsvector":
                return new TextCodec(oid, typeName, BinaryText.TSVECTOR);
            case "tsquery":
                return new TextCodec(oid, typeName, BinaryText.TSQUERY);
            case "jsonb":
                return new JsonCodec(oid, typeName, true);
            case "jsonpath":
                return new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "xid8":
                return new IntegerCodec(oid, typeName, Kind.UNSIGNED8);
            case "record":
                return new RecordCodec(oid, typeName);
            default:
                return asText(oid, typeName);
        }
    }

    private static Object extension(String name, int oid, String typeName) {
        switch (name) {
            case "hstore":
                return new HstoreCodec(oid, typeName);
            case "citext":
                return new TextCodec(oid, typeName);
            case "ltree", "lquery", "ltxtquery":
                return new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "vector":
                return new VectorCodec(oid, typeName);
            default:
                return asText(oid, typeName);
        }
    }
}
