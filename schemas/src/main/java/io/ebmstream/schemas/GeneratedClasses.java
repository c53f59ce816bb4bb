package io.ebmstream.schemas;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;

/**
 * Avro's data model restricted to the generated classes of one record.
 *
 * <p>Avro 1.12.2 refuses to load a class by the name in a schema unless it is trusted by a system
 * property or a global setting. A library should change neither: this model knows the classes
 * beforehand and loads none by name while decoding.
 *
 * <p>Thread-safe once built.
 */
final class GeneratedClasses extends SpecificData {
    private final Map<String, Class<?>> classes = new HashMap<>();

    /**
     * @param type generated class of the record
     * @param schema its schema; must not be recursive
     */
    GeneratedClasses(Class<?> type, Schema schema) {
        super(type.getClassLoader());
        // the generated readers and writers, rather than reflection over fields
        setCustomCoders(true);
        add(type.getClassLoader(), schema);
    }

    private void add(ClassLoader loader, Schema schema) {
        switch (schema.getType()) {
            case RECORD -> {
                load(loader, schema);
                schema.getFields().forEach(field -> add(loader, field.schema()));
            }
            case ENUM -> load(loader, schema);
            case ARRAY -> add(loader, schema.getElementType());
            case MAP -> add(loader, schema.getValueType());
            case UNION -> schema.getTypes().forEach(branch -> add(loader, branch));
            default -> {}
        }
    }

    private void load(ClassLoader loader, Schema schema) {
        try {
            classes.put(schema.getFullName(), Class.forName(schema.getFullName(), true, loader));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "expected the generated class " + schema.getFullName() + " beside its parent",
                    e);
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // Avro's signature
    public Class getClass(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, ENUM, FIXED -> classes.get(schema.getFullName());
            default -> super.getClass(schema);
        };
    }
}
