package io.github.pgpure.spring.boot;

import io.github.pgpure.spring.PgTemplate;
import java.util.Set;
import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDependsOnDatabaseInitializationDetector;

/** Makes templates, and so what uses them, wait until the database is initialized. */
class PgTemplateDependsOnDatabaseInitializationDetector
        extends AbstractBeansOfTypeDependsOnDatabaseInitializationDetector {

    @Override
    protected Set<Class<?>> getDependsOnDatabaseInitializationBeanTypes() {
        return Set.of(PgTemplate.class);
    }
}
