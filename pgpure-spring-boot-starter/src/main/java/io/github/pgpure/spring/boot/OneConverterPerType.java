package io.github.pgpure.spring.boot;

import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds converter beans that want the same PostgreSQL type, by whichever of its names. */
final class OneConverterPerType {

    private record Bean(String name, TypeName type) {}

    private final List<Bean> beans = new ArrayList<>();

    OneConverterPerType(Map<String, ? extends Converter<?>> converters) {
        converters.forEach(
                (name, converter) -> beans.add(new Bean(name, converter.type().canonical())));
    }

    /**
     * Compares names.
     *
     * @throws DuplicateConverterException when two are of one type
     */
    void requireByName() {
        Map<TypeName, Bean> byType = new HashMap<>();
        for (Bean bean : beans) {
            Bean other = byType.putIfAbsent(bean.type, bean);
            if (other != null) {
                throw new DuplicateConverterException(bean.type, other.name, bean.name);
            }
        }
    }

    /**
     * Asks the server what names mean that may or may not mean the same type, {@code mood} and {@code app.mood} for example, and
     * nothing where there are none. Types that do not exist yet cannot be compared.
     *
     * @throws DuplicateConverterException when two are of one type
     */
    void requireByServer(PgPool pool) {
        Map<Integer, Bean> byOid = new HashMap<>();
        for (Bean bean : beans) {
            if (beans.stream().anyMatch(other -> mayBeTheSame(bean.type, other.type))) {
                int oid = bean.type.oid() != 0
                        ? bean.type.oid()
                        : pool.findOidForType(sql(bean.type)).orElse(0);
                Bean other = oid == 0 ? null : byOid.putIfAbsent(oid, bean);
                if (other != null) {
                    throw new DuplicateConverterException(bean.type, other.name, bean.name);
                }
            }
        }
    }

    private static boolean mayBeTheSame(TypeName one, TypeName other) {
        if (one.equals(other)) {
            return false;
        }
        if (one.oid() != 0 || other.oid() != 0) {
            return one.oid() == 0 || other.oid() == 0;
        }
        return one.name().equals(other.name()) && (one.schema() == null || other.schema() == null);
    }

    private static String sql(TypeName type) {
        return (type.schema() == null ? "" : quoted(type.schema()) + ".") + quoted(type.name());
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
