package io.github.pgpure.spring.boot.test;

import io.github.pgpure.convert.Converter;
import java.util.Set;
import org.springframework.boot.test.context.filter.annotation.StandardAnnotationCustomizableTypeExcludeFilter;

/** Leaves the application's components out of {@link PgPureTest}, but for its converters. */
final class PgPureTypeExcludeFilter extends StandardAnnotationCustomizableTypeExcludeFilter<PgPureTest> {

    PgPureTypeExcludeFilter(Class<?> testClass) {
        super(testClass);
    }

    @Override
    protected Set<Class<?>> getKnownIncludes() {
        return Set.of(Converter.class);
    }
}
