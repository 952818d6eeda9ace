package io.github.pgpure.spring.boot;

import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.PgType;
import java.util.List;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/**
 * Finds the enums and records of the application's packages that say their type by {@link PgType}, and makes a converter bean of
 * each, so that those of two for one type are found out as those of all beans are.
 */
final class PgTypeRegistrar implements ImportBeanDefinitionRegistrar {

    /** The bean of SharedMetadataReaderFactoryContextInitializer, which Spring Boot registers in each application's context. */
    static final String METADATA_READER_FACTORY =
            "org.springframework.boot.autoconfigure.internalCachingMetadataReaderFactory";

    private final BeanFactory beanFactory;
    private final Environment environment;
    private final ResourceLoader resourceLoader;

    PgTypeRegistrar(BeanFactory beanFactory, Environment environment, ResourceLoader resourceLoader) {
        this.beanFactory = beanFactory;
        this.environment = environment;
        this.resourceLoader = resourceLoader;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        List<String> packages =
                AutoConfigurationPackages.has(beanFactory) ? AutoConfigurationPackages.get(beanFactory) : List.of();
        var scanner = new Scanner(environment, resourceLoader);
        shareMetadata(scanner);
        for (String name : packages) {
            for (BeanDefinition found : scanner.findCandidateComponents(name)) {
                String className = String.valueOf(found.getBeanClassName());
                // Packages may overlap, and a context that was processed ahead of time has them all.
                String beanName = "@PgType " + className;
                if (!registry.containsBeanDefinition(beanName)) {
                    registry.registerBeanDefinition(beanName, definition(className));
                }
            }
        }
    }

    /** The classes that Spring has read to find the components need not be read again. */
    private void shareMetadata(Scanner scanner) {
        if (beanFactory.containsBean(METADATA_READER_FACTORY)) {
            scanner.setMetadataReaderFactory(beanFactory.getBean(METADATA_READER_FACTORY, MetadataReaderFactory.class));
        }
    }

    private RootBeanDefinition definition(String className) {
        var definition = new RootBeanDefinition(Converter.class);
        definition.setFactoryMethodName("forAnnotated");
        // The name, not the class: generated code of another package could not name a class that is not public.
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, className);
        return definition;
    }

    /** Enums and records are no components: what matters is the annotation alone. */
    private static final class Scanner extends ClassPathScanningCandidateComponentProvider {

        Scanner(Environment environment, ResourceLoader resourceLoader) {
            super(false, environment);
            setResourceLoader(resourceLoader);
            addIncludeFilter(new AnnotationTypeFilter(PgType.class, false));
        }

        @Override
        protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
            return definition.getMetadata().isIndependent();
        }
    }
}
