package io.github.pgpure.convert;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Names a PostgreSQL type: {@code hstore}, {@code app.mood}, or by its OID.
 *
 * <p>Without a schema, the type that the connection's {@code search_path} finds is meant.
 */
public final class TypeName {

    private final @Nullable String schema;
    private final String name;
    private final int oid;

    private TypeName(@Nullable String schema, String name, int oid) {
        this.schema = schema;
        this.name = name;
        this.oid = oid;
    }

    /**
     * A type by its name as {@code pg_type} has it: in lower case unless it was created with quotes.
     *
     * @param name the name, with the schema before a dot where wanted
     */
    public static TypeName of(String name) {
        int dot = name.indexOf('.');
        if (name.isEmpty() || dot == 0 || dot == name.length() - 1) {
            throw new IllegalArgumentException("not a type name: '" + name + "'");
        }
        return dot < 0 ? new TypeName(null, name, 0) : of(name.substring(0, dot), name.substring(dot + 1));
    }

    /** A type by its schema and name, either of which may contain dots. */
    public static TypeName of(String schema, String name) {
        return new TypeName(Objects.requireNonNull(schema), Objects.requireNonNull(name), 0);
    }

    /** A type by its OID; built-in types only have the same one in every database. */
    public static TypeName ofOid(int oid) {
        if (oid == 0) {
            throw new IllegalArgumentException("0 is no type's OID");
        }
        return new TypeName(null, "", oid);
    }

    /** The schema, null where the search path decides. */
    public @Nullable String schema() {
        return schema;
    }

    /** The name without the schema; empty for a type named by OID. */
    public String name() {
        return name;
    }

    /** The OID, 0 for a type named by name. */
    public int oid() {
        return oid;
    }

    /**
     * The same name for whatever names one built-in type: {@code integer}, {@code int4}, {@code pg_catalog.int4} and OID 23 are all
     * {@code pg_catalog.int4}. Names of other types are returned as they are, since only a server knows what they mean.
     */
    public TypeName canonical() {
        if (oid != 0) {
            TypeInfo builtIn = BuiltInTypes.types().get(oid);
            return builtIn == null ? this : of(BuiltInTypes.SCHEMA, builtIn.name());
        }
        if (schema != null && !schema.equals(BuiltInTypes.SCHEMA)) {
            return this;
        }
        String catalogName = schema == null ? SqlTypeNames.catalogName(name) : name;
        return BuiltInTypes.isName(catalogName) ? of(BuiltInTypes.SCHEMA, catalogName) : this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TypeName that
                && oid == that.oid
                && name.equals(that.name)
                && Objects.equals(schema, that.schema);
    }

    @Override
    public int hashCode() {
        return Objects.hash(schema, name, oid);
    }

    @Override
    public String toString() {
        return oid != 0 ? "oid " + Integer.toUnsignedString(oid) : schema == null ? name : schema + "." + name;
    }
}
