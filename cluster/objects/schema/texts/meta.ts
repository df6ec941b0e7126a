/** What is said of the types and fields of meta/v1, in the notation of `field-texts.ts`. */
export const META_TEXTS = `
Condition One aspect of how an object is.
  lastTransitionTime! When the status changed last.
  message! Why, in words.
  reason! Why, in one word.
  status!(False|True|Unknown) Whether it holds.
  type! Which aspect.
LabelSelector Which objects are meant, by their labels. Both parts must hold; an empty selector means all.
  matchExpressions Conditions for labels.
  matchLabels Labels that objects must have.
LabelSelectorRequirement One condition for a label.
  key! Key of the label.
  operator! In, NotIn, Exists or DoesNotExist.
  values Values, for In and NotIn.
ObjectMeta What every object has: its names, labels and history.
  annotations Notes by key and value that programs keep with the object. They cannot be searched for.
  creationTimestamp When the object was created; the server writes it.
  deletionGracePeriodSeconds Seconds that it may take to go.
  deletionTimestamp When it will be gone; set once the object is being deleted.
  finalizers Who has to agree before the object is gone.
  generateName Beginning of a name that the server completes when name is empty.
  generation Counts the changes of the spec.
  labels Keys and values by which objects are found and grouped.
  managedFields Who set which fields; kept for server-side apply.
  name Name of the object, unique for its kind in its namespace. Cannot be changed.
  namespace The namespace that the object is in. Cannot be changed.
  ownerReferences Objects that this one belongs to. Once they are gone, so is this one.
  resourceVersion Changes with every change of the object; for watching and against lost updates.
  uid Unlike any other object's, also of those that were here before; the server writes it.
OwnerReference An object that this one belongs to.
  apiVersion! Its API version.
  blockOwnerDeletion If true, the owner waits with going until this object is gone.
  controller Whether it is the one that takes care of this object.
  kind! Its kind.
  name! Its name.
  uid! Its uid.
`;
