/** What the demo sends; each can be pasted into GraphiQL. */

const REFUSAL = '... on Refusal { code message }';
const mutation = (name: string, input: string, fields: string): string =>
  `mutation ($requestId: String!, $input: ${input}!) { ${name}(requestId: $requestId, input: $input) { __typename ${REFUSAL} ${fields} } }`;

export const REGISTER_INSTITUTION = mutation(
  'registerInstitution',
  'RegisterInstitutionInput',
  '... on PartyRef { id }',
);
export const REGISTER_PRACTITIONER = mutation(
  'registerPractitioner',
  'RegisterPractitionerInput',
  '... on PartyRef { id }',
);
export const REGISTER_RESIDENT = mutation(
  'registerResident',
  'RegisterResidentInput',
  '... on IssuedCode { healthCode }',
);
export const REGISTER_RECORD = mutation('registerRecord', 'RegisterRecordInput', '... on RecordRef { record }');
export const REQUEST_CONSENT = mutation('requestConsent', 'RequestConsentInput', '... on ConsentRef { consentId }');
export const GRANT_CONSENT = mutation('grantConsent', 'GrantConsentInput', '... on ConsentRef { consentId }');
export const REVOKE_CONSENT = mutation('revokeConsent', 'RevokeConsentInput', '... on Receipt { event }');

export const RECORDS = `query ($code: String!, $purpose: Purpose!) {
  records(code: $code, purpose: $purpose) {
    __typename
    ${REFUSAL}
    ... on RecordConnection { totalCount event edges { node { id title category at custodian { name } } } }
  }
}`;

export const CONTENT = `query ($code: String!, $purpose: Purpose!, $record: ID!) {
  content(code: $code, purpose: $purpose, record: $record) {
    __typename
    ${REFUSAL}
    ... on Content { mediaType text hash }
  }
}`;

export const MY_REQUESTS = `{
  me {
    __typename
    consentRequests {
      __typename
      ${REFUSAL}
      ... on ConsentConnection { edges { node { consentId institution { name } terms { categories validFrom validUntil } } } }
    }
  }
}`;

const ENTRY = `event time kind purpose trace actorKind actor { id name } organisation { id name }
  details { rule basis policy what categories count grants servedRoot }`;

export const MY_LOG = `{
  me {
    __typename
    accessLog(first: 50) {
      __typename
      ${REFUSAL}
      ... on TrailEntryConnection { totalCount edges { node { ${ENTRY} } } }
    }
  }
}`;

export const TRAIL = `query ($filter: TrailFilter, $first: Int = 50, $after: String) {
  trail(filter: $filter, first: $first, after: $after) {
    __typename
    ${REFUSAL}
    ... on TrailEntryConnection { totalCount pageInfo { hasNextPage endCursor } edges { node { ${ENTRY} } } }
  }
}`;
